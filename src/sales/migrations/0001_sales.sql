-- What was sold, by country, UTC day and currency (amounts of two currencies have no sum). Minor units of the currency.
-- orders, units, revenue: confirmed orders less cancelled ones, on the day the order was placed.
-- returns, returned_units, returned: what came back, on the day it came back; it may belong to an order of another day.
create schema sales;
grant usage on schema sales to sales_app;

create table sales.sales_by_day (
  country text collate "C" not null,
  day date not null,
  currency text collate "C" not null,
  orders bigint not null,
  units bigint not null,
  revenue_minor bigint not null,
  returns bigint not null,
  returned_units bigint not null,
  returned_minor bigint not null,
  primary key (country, day, currency)
) with (fillfactor = 50);
create index sales_by_day_day on sales.sales_by_day (day);
grant select, insert, update on sales.sales_by_day to sales_app;
