-- The stock and what was decided about it. State of the consumer `inventory`: a rebuild makes these tables anew in a schema
-- beside this one and swaps them, so nothing here is written except by what an event asks for.
create schema inventory;
grant usage on schema inventory to inventory_app;

-- Read and written in every batch by sku: room in each page keeps an update on its page (HOT) and out of the index.
-- "C": lock order and paging are by bytes, the same on every server whatever its locale.
create table inventory.stock (
  sku text collate "C" primary key check (sku <> ''),
  on_hand bigint not null,
  reserved bigint not null default 0,
  constraint stock_never_negative check (0 <= reserved and reserved <= on_hand)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
grant select, insert, update on inventory.stock to inventory_app;

-- One row an order. lines: [{"sku", "quantity"}], one per sku: what a release gives back.
create table inventory.reservations (
  order_id uuid primary key,
  state text not null check (state in ('RESERVED', 'REJECTED', 'RELEASED', 'CANCELLED_FIRST')),
  lines jsonb not null,
  decided_at timestamptz not null
) with (fillfactor = 90);
grant select, insert, update on inventory.reservations to inventory_app;

-- One row a return: it restocks once, whatever the id of the event that says so, and the stock can be proved from it.
create table inventory.restocks (
  return_id uuid primary key,
  lines jsonb not null,
  restocked_at timestamptz not null
);
grant select, insert on inventory.restocks to inventory_app;

-- What people decided (PUT /stock). Not derived from any event, so it lies outside the schema that a rebuild replaces.
-- delta is 0 only where a sku was entered with nothing on the shelf.
create schema inventory_facts;
grant usage on schema inventory_facts to inventory_app;

create table inventory_facts.stock_adjustments (
  id bigint generated always as identity primary key,
  sku text collate "C" not null,
  delta bigint not null,
  on_hand bigint not null,
  reason text,
  adjusted_at timestamptz not null
);
create index stock_adjustments_sku on inventory_facts.stock_adjustments (sku);
grant select, insert on inventory_facts.stock_adjustments to inventory_app;
