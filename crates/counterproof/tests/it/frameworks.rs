//! Projects of web frameworks: their settings are found, and an application is at hand.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Repository, function, python_with_libraries, status};

/// The interpreter, where it has the framework; `cargo xtask test` sees to it that it has.
fn python_with(framework: &str) -> Option<PathBuf> {
    let python = python_with_libraries()?;
    let has = std::process::Command::new(&python)
        .args(["-c", &format!("import {framework}")])
        .output()
        .expect("python runs");
    has.status.success().then_some(python)
}

fn check(repository: &Repository, python: &std::path::Path) -> Value {
    repository.json(&["check", "--python", python.to_str().expect("UTF-8")])
}

const MANAGE: &str = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n";
const SETTINGS: &str = "\
SECRET_KEY = 'x'
INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth', 'cart']
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '/nowhere/db.sqlite3'}}
LOGGING = {'version': 1, 'handlers': {'file': {'class': 'logging.FileHandler', 'filename': '/nowhere/log'}},
           'root': {'handlers': ['file']}}
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
";
const MODELS: &str = "\
from django.db import models
from django.http import HttpResponse


class Order(models.Model):
    weight = models.IntegerField()

    class Meta:
        app_label = 'cart'


def days(weight: int):
    return 2 if weight > 30 else 1


def orders(more: int):
    return Order.objects.count() + more


def add(weight: int):
    Order.objects.create(weight=weight)


def has_heavy():
    return Order.objects.filter(weight__gt=30).exists()


def show(request, number):
    order = Order.objects.get(pk=number)
    return HttpResponse(str(order.weight), status=200 if request.user.is_anonymous else 403)
";

fn shop(folder: &str, settings: &str) -> Repository {
    let at = |path: &str| format!("{folder}{path}");
    let repository = Repository::new(&[
        (&at("manage.py"), MANAGE),
        (&at("shop/__init__.py"), ""),
        (&at("shop/settings.py"), settings),
        (&at("cart/__init__.py"), ""),
        (&at("cart/models.py"), MODELS),
    ]);
    let after = MODELS
        .replace("> 30", ">= 30")
        .replace("+ more", "- more")
        .replace("=weight)", "=weight + 1)")
        .replace("weight__gt=30", "weight__gte=30")
        .replace("status=200", "status=201");
    repository.write(&[(&at("cart/models.py"), &after)]);
    repository
}

#[test]
fn models_of_django_import_and_their_tables_are_in_memory() {
    let Some(python) = python_with("django") else { return };
    for folder in ["", "backend-of-shop/"] {
        let repository = shop(folder, SETTINGS);
        let report = check(&repository, &python);
        assert_eq!(status(&report, "days"), "changed", "{report:#}");
        for name in ["orders", "show"] {
            assert_eq!(status(&report, name), "changed", "{report:#}");
        }
        // What is written shows as an effect; another question whose answer is the same on two rows is no "same".
        assert_eq!(status(&report, "add"), "changed_effect", "{report:#}");
        let asked = function(&report, "has_heavy").to_string();
        assert!(asked.contains("it asks its database something else"), "{report:#}");
        let note = format!("Django is set up with shop.settings, which {folder}manage.py names");
        assert!(report["notes"].to_string().contains(&note), "{report:#}");
        let said = script_of(&repository, &python, &report, "days");
        assert!(!said.contains("Error"), "{said}");
    }
}

#[test]
fn an_app_that_does_not_load_is_left_out_and_named() {
    let Some(python) = python_with("django") else { return };
    let broken = [
        ("missing/__init__.py", ""),
        ("missing/models.py", "import no_such_package\n"),
        ("early/__init__.py", ""),
        (
            "early/apps.py",
            "from django.apps import AppConfig\n\nmade = []\n\n\nclass Early(AppConfig):\n    name = 'early'\n\n    def ready(self):\n        assert not made, 'twice'\n        made.append(1)\n",
        ),
        ("rising/__init__.py", ""),
        (
            "rising/apps.py",
            "from django.apps import AppConfig\n\n\nclass Rising(AppConfig):\n    name = 'rising'\n\n    def ready(self):\n        raise OSError('no queue')\n",
        ),
    ];
    let settings = SETTINGS.replace("'cart']", "'early', 'missing', 'rising', 'gone', 'cart']");
    let repository = shop("", &settings);
    repository.write(&broken);
    repository.commit("more apps");
    repository.write(&[("cart/models.py", MODELS)]);
    let report = check(&repository, &python);
    assert_eq!(status(&report, "orders"), "changed", "{report:#}");
    let notes = report["notes"].to_string();
    for app in ["missing: ModuleNotFoundError", "rising: OSError: no queue", "gone: "] {
        let said = format!("Django is set up without an app that does not load: {app}");
        assert!(notes.contains(&said), "{app}: {report:#}");
    }
    assert!(!notes.contains("early"), "each app gets ready once: {report:#}");
}

/// What the script of the first finding of a function prints in the working tree.
fn script_of(repository: &Repository, python: &std::path::Path, report: &Value, name: &str) -> String {
    let id = function(report, name)["findings"][0]["id"].as_str().expect("an id");
    let script = repository.run(&["reproduce", id, "--format", "python"]).out;
    repository.write(&[("../script.py", &script)]);
    let ran = std::process::Command::new(python)
        .arg(repository.path().join("../script.py"))
        .arg(repository.path())
        .output()
        .expect("python runs");
    format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    )
}

#[test]
fn variables_that_a_version_holds_are_set_and_those_that_it_does_not_are_not() {
    let Some(python) = python_with("json") else { return };
    let code = "import os\n\nRATE = int(os.environ['SHOP_RATE'])\nassert 'SHOP_SECRET' not in os.environ\n\n\ndef price(n: int):\n    return n * RATE\n";
    let repository = Repository::new(&[
        ("shop.py", code),
        (".env.example", "# x\nSHOP_RATE=3 # of ten\n"),
        (".gitignore", ".env\n"),
    ]);
    repository.write(&[
        (".env", "SHOP_SECRET=1\n"),
        ("shop.py", &code.replace("n * RATE", "n * RATE + 1")),
    ]);
    let report = check(&repository, &python);
    assert_eq!(status(&report, "price"), "changed", "{report:#}");
    let note = "the variables of .env.example are set for both versions";
    assert!(report["notes"].to_string().contains(note), "{report:#}");
    let said = script_of(&repository, &python, &report, "price");
    assert!(!said.contains("Error"), "{said}");
}

#[test]
fn settings_that_cannot_be_loaded_are_the_reason_for_all_that_needs_them() {
    let Some(python) = python_with("django") else { return };
    let settings = format!("import os\nKEY = os.environ['SHOP_KEY']\n{SETTINGS}");
    let repository = shop("", &settings);
    let report = check(&repository, &python);
    let reason = function(&report, "days").to_string();
    assert!(reason.contains("KeyError: 'SHOP_KEY'"), "{report:#}");
    let doctor = repository.run(&["doctor", "--python", python.to_str().expect("UTF-8")]);
    assert_eq!(doctor.code, 1, "{doctor}");
    assert!(doctor.out.contains("pass_env = [\"SHOP_KEY\"]"), "{doctor}");
    assert!(doctor.out.contains("(shop/settings.py:2)"), "{doctor}");
}

#[test]
fn functions_that_need_an_application_of_flask_have_one() {
    let Some(python) = python_with("flask") else { return };
    let helpers = "\
from flask import current_app, request


def limited(n: int):
    return min(n, current_app.config['LIMIT'])


def path(n: int):
    return request.path * n
";
    let factory = "from flask import Flask\n\n\ndef create_app(name='shop'):\n    app = Flask(name)\n    app.config['LIMIT'] = 7\n    import web.helpers\n    return app\n";
    let module = "from flask import Flask\n\napp = Flask('shop')\napp.config['LIMIT'] = 7\n\n\nimport web.helpers\n";
    for init in [factory, module] {
        let repository = Repository::new(&[("web/__init__.py", init), ("web/helpers.py", helpers)]);
        let after = helpers
            .replace("['LIMIT'])", "['LIMIT'] + 1)")
            .replace("* n", "* n + '?'");
        repository.write(&[("web/helpers.py", &after)]);
        let report = check(&repository, &python);
        assert_eq!(status(&report, "limited"), "changed", "{report:#}");
        assert_eq!(status(&report, "path"), "changed", "{report:#}");
        for name in ["limited", "path"] {
            let said = script_of(&repository, &python, &report, name);
            assert!(!said.contains("Error"), "{said}");
        }
    }
}

const SHOP: &str = "\
from flask import Flask
from flask_login import LoginManager, UserMixin, current_user, login_required
import sqlalchemy as sa
from sqlalchemy import orm

engine = sa.create_engine('postgresql://nowhere/shop')
session = orm.scoped_session(orm.sessionmaker(engine))
app = Flask(__name__)
app.secret_key = 'x'
login = LoginManager(app)


class Base(orm.DeclarativeBase):
    pass


class User(UserMixin, Base):
    __tablename__ = 'users'
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]
    about: orm.Mapped[str]
    age: orm.Mapped[int]
    rank: orm.Mapped[int]

    def greeting(self):
        return 'Hello ' + self.name.title()


@login.user_loader
def load_user(number):
    return session.get(User, int(number))


def named(name):
    return sa.select(User).where(User.name == name)


def add(name: str):
    session.add(User(name=name))


def about(number: int):
    return session.get(User, number).name


def years(number: int):
    return session.get(User, number).age


def names():
    return [row.name for row in session.execute(sa.select(User.name))]


@app.route('/me')
@login_required
def me():
    return current_user.name
";

#[test]
fn rows_of_sqlalchemy_are_made_found_and_told_and_somebody_is_logged_in() {
    let Some(python) = python_with("sqlalchemy, flask_login") else {
        return;
    };
    let repository = Repository::new(&[("shop.py", SHOP)]);
    let after = SHOP
        .replace("self.name.title()", "self.name")
        .replace("int(number))", "int(number) + 1)")
        .replace("User.name == name", "User.name != name")
        .replace("name=name", "name=name.strip()")
        .replace("return current_user.name", "return current_user.name * 2")
        .replace("number).name", "number).about")
        .replace("number).age", "number).rank")
        .replace("sa.select(User.name)", "sa.select(User.name, User.id)");
    repository.write(&[("shop.py", &after)]);
    let report = check(&repository, &python);
    // Columns hold other values, so that one taken for the other shows.
    for name in ["User.greeting", "load_user", "named", "me", "about", "years"] {
        assert_eq!(status(&report, name), "changed", "{name}: {report:#}");
    }
    // More columns of the same rows are no other question.
    assert_eq!(status(&report, "names"), "same", "{report:#}");
    let shown = |name: &str| function(&report, name)["findings"][0]["example"].to_string();
    assert!(shown("User.greeting").contains("User(name="), "{report:#}");
    assert!(shown("named").contains("users.name != :name_1"), "{report:#}");
    assert!(shown("me").contains("'a'"), "{report:#}");
}

#[test]
fn endpoints_of_fastapi_are_called_as_the_functions_that_they_are() {
    let Some(python) = python_with("fastapi") else { return };
    let before = "\
from fastapi import APIRouter, Depends, Query

router = APIRouter()


def page(size: int = 10):
    return {'size': size}


@router.get('/items/{item}')
def item(item: int, name: str = Query('x', max_length=3), about: dict = Depends(page)):
    return {'item': item, 'name': name.upper(), 'size': about.get('size', 1) + 1}
";
    let repository = Repository::new(&[("api.py", before)]);
    repository.write(&[("api.py", &before.replace("upper()", "lower()"))]);
    let report = check(&repository, &python);
    assert_eq!(status(&report, "item"), "changed", "{report:#}");
    let example = function(&report, "item")["findings"][0]["example"].to_string();
    assert!(!example.contains("NoneType"), "{example}");
}
