/** Links to telephone numbers (RFC 3966), wherever they stand. */

/** The number of a `tel:` link as one dials it, empty where it has none. */
export function numberOf(link: string): string {
  const found = /^(?:web\+)?tel:(?:\/\/)?([^;?]*)(.*)$/is.exec(decoded(link.trim()));
  if (!found) return "";
  const digits = (found[1] ?? "").replace(/[\s().\-/]/g, "");
  const context = /;phone-context=(\+\d[\d.\-]*)/i.exec(found[2] ?? "")?.[1]?.replace(/[.\-]/g, "") ?? "";
  const number = digits.startsWith("+") ? digits : context + digits;
  return /^\+?[\d*#]{1,32}$/.test(number) ? number : "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The link of a press, through all shadow roots. */
export function linkOf(path: readonly EventTarget[]): string {
  const link = path.find((each): each is HTMLAnchorElement => each instanceof HTMLAnchorElement && /^tel:/i.test(each.href));
  return link ? numberOf(link.href) : "";
}

/** Where browsers send people who press such a link elsewhere. */
export function handlerUrl(origin: string): string {
  return `${origin}/pascom/phone/%s`;
}
