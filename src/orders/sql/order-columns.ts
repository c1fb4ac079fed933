/** The columns of an order under the names of `Order`. */
export const orderColumns = `
  order_id as "orderId", customer_id as "customerId", status, country, currency, lines, total_minor as "totalMinor",
  reference, placed_at as "placedAt", settled_at as "settledAt", rejection,
  cancelled_at as "cancelledAt", cancel_reason as "cancelReason"`;
