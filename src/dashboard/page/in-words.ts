/** Quantities as people read them. Null, which is "not known", is said as a dash; no text changes its width from 1 to 9. */
export const notKnown = '–';

/** 31 ms, 4.2 s, 3 min, 5 h, 12 d. */
export function inTime(ms: number | null): string {
  if (ms === null) return notKnown;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 100_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 100 * 60_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** 912 B, 12 kB, 3.4 MB: powers of 1000, as the command line says them. */
export function inBytes(bytes: number | null): string {
  if (bytes === null) return notKnown;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}

/** 0.4, 7.2, 104, 1,204: of something a second. */
export function inRate(perSecond: number | null): string {
  if (perSecond === null) return notKnown;
  if (perSecond === 0) return '0';
  return perSecond < 9.95 ? perSecond.toFixed(1) : inCount(Math.round(perSecond));
}

export function inCount(count: number | null): string {
  return count === null ? notKnown : count.toLocaleString('en-GB');
}

/** 14:03:27 in the reader's own zone; `at` is in milliseconds since 1970 or an ISO time. */
export function inClock(at: number | string): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour12: false });
}

/** 14:03:27 of today, else 25 Nov 14:03; in the reader's own zone. */
export function inMoment(time: string): string {
  const at = new Date(time);
  if (at.toDateString() === new Date().toDateString()) return inClock(time);
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return `${day} ${at.toLocaleTimeString('en-GB', { hour12: false, hour: '2-digit', minute: '2-digit' })}`;
}
