export const orderStatuses = ['PLACED', 'CONFIRMED', 'REJECTED', 'CANCELLED'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Where an order can go from where it is. What is not here never happens; CANCELLED and REJECTED are final. */
const transitions = {
  PLACED: ['CONFIRMED', 'REJECTED', 'CANCELLED'],
  CONFIRMED: ['CANCELLED'],
  REJECTED: [],
  CANCELLED: [],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** The statuses from which `to` can be reached. */
export type StatusBefore<To extends OrderStatus> = {
  [From in OrderStatus]: To extends (typeof transitions)[From][number] ? From : never;
}[OrderStatus];

/** Narrows `from` to the statuses that lead to `to`. */
export function canBecome<To extends OrderStatus>(
  from: OrderStatus,
  to: To,
): from is StatusBefore<To> & OrderStatus {
  return (transitions[from] as readonly OrderStatus[]).includes(to);
}

/** The customer's waiting is over: the inventory has answered, or the order was cancelled. */
export function isSettled(status: OrderStatus): boolean {
  return status !== 'PLACED';
}
