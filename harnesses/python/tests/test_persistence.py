"""Rows, statements and query sets are told by what they hold or ask, and briefly."""

import importlib.util
import unittest

from client import observe, plain, told_apart

ALCHEMY = '''
import sqlalchemy as sa
from sqlalchemy import orm, select
from sqlalchemy.orm import joinedload, selectinload

class Base(orm.DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]
    posts: orm.Mapped[list["Post"]] = orm.relationship()

class Post(Base):
    __tablename__ = "posts"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    by: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("users.id"))

class Sub(User):
    pass

engine = sa.create_engine("postgresql://nowhere/db")

def added():
    session = orm.Session(engine)
    user = User(name="a")
    session.add(user)
    return [user, session][0]

def session(*rows):
    session = orm.Session(engine)
    session.add_all(rows)
    return session

def deleted(really):
    session = orm.Session(engine)
    user = session.get(User, 1)
    if really:
        session.delete(user)
    return [user, session][:1], session.in_transaction()

def row(*columns):
    return orm.Session(engine).execute(select(*columns).limit(1)).first()
'''

DJANGO = '''
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=[], DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
                   DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()
from django import forms
from django.db import models

class User(models.Model):
    name = models.TextField()
    class Meta:
        app_label = "shop"

class Post(models.Model):
    by = models.ForeignKey(User, models.CASCADE)
    class Meta:
        app_label = "shop"

posts, users = Post.objects, User.objects
'''


def has(module):
    return importlib.util.find_spec(module) is not None


def size(form):
    return len(repr(form))


@unittest.skipUnless(has("sqlalchemy"), "SQLAlchemy is not installed")
class Alchemy(unittest.TestCase):
    def test_are_told_apart(self):
        told_apart(self, ALCHEMY, [
            ("User(name='a')", "User(name='b')"),
            ("User(name='a')", "User()"),
            ("User(name='a')", "Sub(name='a')"),
            ("User(name='a')", "added()"),
            ("deleted(True)", "deleted(False)"),
            ("[session()]", "[session(User())]"),
            ("[session(User(name='a'))]", "[session(User(name='b'))]"),
            ("select(User).where(User.id == 1)", "select(User).where(User.id == 2)"),
            ("select(User).where(User.name == '1')", "select(User).where(User.name == 1)"),
            ("select(User).where(User.id.in_([1]))", "select(User).where(User.id.in_([1, 2]))"),
            ("select(User)", "select(Post)"),
            ("select(User)", "select(User).limit(1)"),
            ("select(User)", "select(User).options(selectinload(User.posts))"),
            ("select(Post)", "select(Post).execution_options(yield_per=5)"),
            ("select(User).options(selectinload(User.posts))", "select(User).options(joinedload(User.posts))"),
            ("orm.Session(engine).query(User)", "orm.Session(engine).query(User).filter_by(name='a')"),
            ("sa.text('a')", "sa.text('b')"),
            ("sa.delete(User)", "sa.delete(User).where(User.id == 1)"),
            ("User.id == 1", "User.id > 1"),
            ("User.id", "User.name"),
            ("User.id", "Post.id"),
            ("sa.Column('a', sa.String(1))", "sa.Column('a', sa.String(2))"),
            ("row(User.id)", "row(User.name)"),
            ("row(User.id)", "row(User.id.label('x'))"),
            ("orm.Session(engine).scalars(select(User.id))", "orm.Session(engine).scalars(select(User.id).where(User.id > 1))"),
        ])

    def test_a_row_is_told_without_the_mapping_of_all_tables(self):
        record = observe(ALCHEMY + "\ndef f(): return deleted(False)[0]\n", "f", [plain()])[0]
        self.assertLess(size(record[1]), 200)
        self.assertIn(("name", "a"), record[1][1][0][4])

    def test_what_no_text_tells_is_unseen(self):
        source = ALCHEMY + "\ndef f(): return [select(User).with_for_update(), User.id, session(), sa.Column('a', sa.Integer)]\n"
        for form in observe(source, "f", [plain()])[0][1][1]:
            self.assertIn(("rest", ("cut",)), form[4], form)

    def test_rows_of_a_session_have_an_order(self):
        source = ALCHEMY + "\ndef f():\n    made = session(*[User(name=c) for c in 'cab'])\n    return made, list(made.new)[:0]\n"
        form = observe(source, "f", [plain()])[0][1][1][0]
        self.assertEqual([dict(row[4])["name"] for row in dict(form[4])["new"][1]], ["a", "b", "c"])

    def test_a_row_with_others_is_told_without_the_mapping(self):
        source = ALCHEMY + "\ndef f():\n    user = deleted(False)[0][0]\n    user.posts\n    return user\n"
        self.assertLess(size(observe(source, "f", [plain()])[0][1]), 1000)

    def test_how_many_columns_were_made_before_is_not_told(self):
        records = observe(ALCHEMY + "\ndef f(): return [sa.Column('a', sa.String(1)), orm.mapped_column()]\n", "f", [plain(), plain()])
        self.assertEqual(records[0][1], records[1][1])


@unittest.skipUnless(has("django"), "Django is not installed")
class Django(unittest.TestCase):
    def test_are_told_apart(self):
        told_apart(self, DJANGO, [
            ("posts.all()", "users.all()"),
            ("posts.all()", "posts.none()"),
            ("users.filter(name=1)", "users.filter(name=2)"),
            ("users.filter(pk=1)", "users.filter(pk=2)"),
            ("users.all()", "users.order_by('name')"),
            ("users.all()", "users.values('id', 'name')"),
            ("users.values('id', 'name')", "users.values_list('id', 'name')"),
            ("users.all()", "users.only('id')"),
            ("posts.all()", "posts.prefetch_related('by')"),
            ("posts.values()", "posts.values_list()"),
            ("posts.all()", "posts.select_related('by')"),
            ("posts.all()", "posts.using('other')"),
            ("posts", "users"),
            ("models.CharField(max_length=1)", "models.CharField(max_length=2)"),
            ("forms.CharField(required=True)", "forms.CharField(required=False)"),
        ])

    def test_how_many_fields_were_made_before_is_not_told(self):
        source = DJANGO + "\ndef f(): return [models.CharField(), forms.CharField(), users.filter(name='a')]\n"
        records = observe(source, "f", [plain(), plain()])
        self.assertEqual(records[0][1], records[1][1])

    def test_what_no_text_tells_is_unseen(self):
        source = DJANGO + "\ndef f(): return [users.select_for_update(), users, models.CharField()]\n"
        for form in observe(source, "f", [plain()])[0][1][1]:
            self.assertIn(("rest", ("cut",)), form[4], form)


if __name__ == "__main__":
    unittest.main()
