import { guard } from "lit/directives/guard.js";

/** A stream for a video's `srcObject`.  Lit sets objects each time it draws, and a video that is given its stream again starts anew. */
export function steady(stream: MediaStream | null): unknown {
  return guard([stream], () => stream);
}
