/** Home Assistant lets go of a page that nobody has seen for five minutes; one that rings or talks has to stay. */

/** What Home Assistant calls on its connection when a page is hidden, and five minutes after. */
export interface Suspended {
  suspend?(): void;
  suspendReconnectUntil?(seen: PromiseLike<void>): void;
}

/** Keeps the connection while `stays`, and lets a lost one come back at once, as if somebody saw the page. */
export function keepAwake(connection: Suspended, stays: () => boolean): void {
  const { suspend, suspendReconnectUntil } = connection;
  if (!suspend || !suspendReconnectUntil) return;
  connection.suspend = () => {
    if (!stays()) suspend.call(connection);
  };
  // It is waited for when the connection is lost, which is when it matters who waits.
  connection.suspendReconnectUntil = (seen) =>
    suspendReconnectUntil.call(connection, {
      then: (done, failed) => (stays() ? Promise.resolve() : seen).then(done, failed),
    });
}

/** Whether the browser has stopped this page, as phones do: nothing that it promises is kept then. */
export function watchFreezing(page: EventTarget): () => boolean {
  let frozen = false;
  page.addEventListener("freeze", () => (frozen = true), { capture: true });
  page.addEventListener("resume", () => (frozen = false), { capture: true });
  return () => frozen;
}
