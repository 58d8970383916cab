-- finance: a dispute that was lost over part of a payment locked the rest of it. A payment is lost where nothing of it is left.

update payments t set status = 'captured'
where t.status = 'lost'
      and t.refunded_minor + (select coalesce(sum(d.amount_minor), 0) from disputes d
                              where d.payment_id = t.id and d.status = 'lost') < t.amount_minor;

-- Whoever refunds, a server of the version before this one too, leaves what a lost dispute took.
create function refund_fits_disputes() returns trigger language plpgsql as $$
begin
    if new.refunded_minor + (select coalesce(sum(d.amount_minor), 0) from disputes d
                             where d.payment_id = new.id and d.status = 'lost') > new.amount_minor then
        raise check_violation using message = 'the refund is more than lost disputes left of the payment',
            constraint = 'payments_refunded';
    end if;
    return new;
end
$$;
create trigger payments_refund_fits before update of refunded_minor on payments
    for each row when (new.refunded_minor > old.refunded_minor) execute function refund_fits_disputes();
