/** A moment, in milliseconds since 1970. WeCom speaks in seconds; the border multiplies. */
export type Instant = number;

/** What says which moment it is. Passed in everywhere, so that a test can be at noon whenever it likes. */
export type Clock = () => Instant;

export const systemClock: Clock = () => Date.now();

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
