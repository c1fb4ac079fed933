/** Time is passed in, so that decisions can be tested at any moment. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
