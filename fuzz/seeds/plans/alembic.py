def upgrade():
    op.drop_column("cart", "total")
    op.alter_column("cart", "name", nullable=False)


def downgrade():
    op.drop_table("cart")
