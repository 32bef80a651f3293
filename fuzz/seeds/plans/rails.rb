class DropCarts < ActiveRecord::Migration[7.1]
  def up
    drop_table :carts
  end

  def down
    remove_column :items, :cart_id
  end
end
