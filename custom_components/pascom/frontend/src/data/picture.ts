/** A face from whatever picture: a square of it, no larger than it is shown. */

/** Pixels of a side, as it is kept. */
export const SIDE = 256;
const QUALITY = 0.86;

/** The square that is taken of a picture: `zoom` 1 or more, `moved` from -1 to 1 of the room that is left. */
export function square([width, height]: [number, number], zoom: number, [x, y]: [number, number]): { x: number; y: number; side: number } {
  const side = Math.min(width, height) / Math.max(1, zoom);
  const within = (room: number, at: number): number => (room / 2) * (1 + Math.max(-1, Math.min(1, at)));
  return { x: within(width - side, x), y: within(height - side, y), side };
}

/** Where the square is once the picture was drawn `by` these pixels, of a square shown `shown` pixels wide: it stays under the finger. */
export function dragged(size: readonly [number, number], zoom: number, moved: readonly [number, number], by: readonly [number, number], shown: number): [number, number] {
  const side = Math.min(...size) / Math.max(1, zoom);
  const along = (axis: 0 | 1): number => {
    const room = size[axis] - side;
    if (room <= 0 || shown <= 0) return 0;
    return Math.max(-1, Math.min(1, moved[axis] - (2 * by[axis] * side) / (shown * room)));
  };
  return [along(0), along(1)];
}

type Drawable = HTMLImageElement | HTMLVideoElement | ImageBitmap;

function sizeOf(picture: Drawable): [number, number] {
  if (picture instanceof HTMLVideoElement) return [picture.videoWidth, picture.videoHeight];
  return picture instanceof HTMLImageElement ? [picture.naturalWidth, picture.naturalHeight] : [picture.width, picture.height];
}

/** Draws it into a canvas of `SIDE` pixels; `mirrored` as one sees oneself. */
export function draw(canvas: HTMLCanvasElement, picture: Drawable, zoom = 1, moved: [number, number] = [0, 0], mirrored = false): void {
  const { x, y, side } = square(sizeOf(picture), zoom, moved);
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext("2d");
  if (!pen || !side) return;
  pen.imageSmoothingQuality = "high";
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIDE, SIDE);
  if (mirrored) pen.setTransform(-1, 0, 0, 1, SIDE, 0);
  pen.drawImage(picture, x, y, side, side, 0, 0, SIDE, SIDE);
}

/** As it is sent: base64 of a JPEG. */
export function sent(canvas: HTMLCanvasElement): string {
  return canvas.toDataURL("image/jpeg", QUALITY).replace(/^[^,]*,/, "");
}

/** Reads a file as a picture, turned as its camera was held.  Raises where it is none. */
export function read(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file, { imageOrientation: "from-image" });
}
