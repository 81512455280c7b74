/** Times and lengths in the user's own format. */

export class Format {
  private readonly day: Intl.DateTimeFormat;
  private readonly older: Intl.DateTimeFormat;
  private readonly time: Intl.DateTimeFormat;
  private readonly whole: Intl.DateTimeFormat;
  private readonly relative: Intl.RelativeTimeFormat;

  constructor(language: string, hour12?: boolean) {
    const locale = localeOf(language);
    this.day = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
    this.time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", hour12 });
    this.whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short", hour12 });
    this.older = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
    this.relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  }

  clock(at: string): string {
    return this.time.format(new Date(at));
  }

  /** `today`, `yesterday`, or the day. */
  date(at: string, now: Date = new Date()): string {
    const days = Math.round((midnight(new Date(at)) - midnight(now)) / 86_400_000);
    if (days > -2 && days < 1) return this.relative.format(days, "day");
    return (days > -300 ? this.day : this.older).format(new Date(at));
  }

  /** With its year, as one writes it down. */
  full(at: string): string {
    return this.whole.format(new Date(at));
  }

  moment(at: string): string {
    return `${this.date(at)}, ${this.clock(at)}`;
  }
}

/** `0:07`, `12:03`, `1:02:03`. */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Letters that stand for a person without a picture; titles such as `Dr.` say nothing. */
export function initials(name: string): string {
  const words = name.replace(/\p{L}+\./gu, "").match(/\p{L}[\p{L}\p{M}]*/gu) ?? [];
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toLocaleUpperCase();
}

function midnight(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}

/** Bavarian has no dates of its own in browsers; it reads German ones. */
export function localeOf(language: string): string {
  const wanted = language === "bar" ? "de-AT" : language === "sr" ? "sr-Cyrl" : language;
  return Intl.DateTimeFormat.supportedLocalesOf([wanted]).length ? wanted : "en";
}
