const DAY_MS = 24 * 60 * 60 * 1000;

/** The folder with what may be said. */
export const schemas = new URL('../../schemas/', import.meta.url);

/** At most so many instances of a consumer work at once. Growing it later moves keys to other partitions. */
export const LOCAL_PARTITIONS = 4;

/** How long a new reader can look back. Dedupe must remember at least as long (src/consumer). */
export const TOPIC_RETENTION_MS = 7 * DAY_MS;
