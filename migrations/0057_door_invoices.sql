-- finance: door sales are invoiced as orders are, in the same series.

alter table invoices alter column order_id drop not null;
alter table invoices alter column payment_id drop not null;
alter table invoices add column door_sale_id uuid references door_sales (id);
alter table invoices add constraint invoices_door_sale unique (door_sale_id);
alter table invoices add constraint invoices_of_one
    check (num_nonnulls(order_id, door_sale_id) = 1 and (order_id is null) = (payment_id is null));

alter table credit_notes alter column refund_id drop not null;
alter table credit_notes add column door_sale_id uuid references door_sales (id);
alter table credit_notes add constraint credit_notes_door_sale unique (door_sale_id);
alter table credit_notes add constraint credit_notes_of_one check (num_nonnulls(refund_id, door_sale_id) = 1);
