-- The orders and returns that customers sent, and what became of them.
create schema orders;
grant usage on schema orders to orders_app;

-- lines: [{"sku", "quantity", "unitPriceMinor"}], as ordered. rejection: [{"sku", "requested", "available", "reason"}].
-- An order is updated once or twice: room in each page keeps that on its page, and no index holds the status.
create table orders.orders (
  order_id uuid primary key,
  customer_id text,
  status text not null check (status in ('PLACED', 'CONFIRMED', 'REJECTED', 'CANCELLED')),
  country text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  lines jsonb not null check (jsonb_array_length(lines) > 0),
  total_minor bigint not null check (total_minor > 0),
  reference text,
  placed_at timestamptz not null,
  settled_at timestamptz,
  rejection jsonb,
  cancelled_at timestamptz,
  cancel_reason text,
  constraint settled_when_no_longer_placed check ((settled_at is not null) = (status <> 'PLACED')),
  constraint rejection_says_why check ((rejection is not null) = (status = 'REJECTED')),
  constraint cancelled_says_when check ((cancelled_at is not null) = (status = 'CANCELLED'))
) with (fillfactor = 85);
create index orders_of_customer on orders.orders (customer_id, order_id) where customer_id is not null;
-- Only what changes may change: what was ordered stays as the customer sent it.
grant select, insert on orders.orders to orders_app;
grant update (status, settled_at, rejection, cancelled_at, cancel_reason) on orders.orders to orders_app;

create table orders.returns (
  return_id uuid primary key,
  order_id uuid references orders.orders,
  customer_id text,
  country text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  lines jsonb not null check (jsonb_array_length(lines) > 0),
  total_minor bigint not null check (total_minor > 0),
  returned_at timestamptz not null
);
create index returns_of_order on orders.returns (order_id) where order_id is not null;
grant select, insert on orders.returns to orders_app;

-- The first answer to a request with an Idempotency-Key, written in the transaction of what it answers. A second request
-- waits at the primary key until the first has committed. answer is text, not jsonb: a replay has the same bytes.
create table orders.idempotency_keys (
  client_id text collate "C",
  key text collate "C",
  request_hash bytea not null,
  http_status integer not null,
  answer text not null,
  created_at timestamptz not null,
  primary key (client_id, key)
);
create index idempotency_keys_by_age on orders.idempotency_keys (created_at);
grant select, insert, delete on orders.idempotency_keys to orders_app;
