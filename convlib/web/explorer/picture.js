/** A picture of the reader as grey values. It is read in the page and is sent nowhere. */

/** The longest side that is kept; the picture is reduced again to the size of the input. */
const LARGEST_SIDE = 32;

/**
 * A picture reduced to LARGEST_SIDE: `height` x `width` pixels of 0 (black) to 255 (white).
 * @typedef {{ bitmap: ImageBitmap, height: number, width: number }} Picture
 */

/**
 * Read an image file. Rejects with a sentence if the browser cannot decode it.
 * @param {File} file
 * @returns {Promise<Picture>}
 */
export async function readPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${file.name} is not a picture that this browser can read`);
  }
  const shrink = Math.min(1, LARGEST_SIDE / Math.max(bitmap.height, bitmap.width));
  const side = (/** @type {number} */ pixels) => Math.max(1, Math.round(pixels * shrink));
  return { bitmap, height: side(bitmap.height), width: side(bitmap.width) };
}

/**
 * The grey values of a picture at a size, rows of integers.
 * @param {Picture} picture
 * @param {number} height
 * @param {number} width
 */
export function greyValues(picture, height, width) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { height, width });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white"; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(picture.bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (__, column) => {
      const [red, green, blue] = data.slice(4 * (row * width + column));
      return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    }),
  );
}
