/** Settings that are worth a look. */

/** @typedef {import("../model/presets.js").Preset} Preset */

/**
 * @typedef {object} Example
 * @property {string} name
 * @property {string} call
 * @property {number} size
 * @property {Preset} input
 * @property {Preset} weight
 * @property {boolean} coverage whether it is about how often pixels are used
 */

/** @type {Example[]} */
export const EXAMPLES = [
  example("Stride 2", "nn.Conv2d(1, 1, 3, stride=2)", 5),
  example("Padding that keeps the size", "nn.Conv2d(1, 1, 3, padding='same')", 5),
  example("Dilation 2", "nn.Conv2d(1, 1, 3, dilation=2)", 7),
  example("An edge detector", "nn.Conv2d(1, 1, 3, padding=1)", 8, "edge", "edge"),
  example("Two input channels", "nn.Conv2d(2, 1, 2)", 4, "random", "random"),
  example("1 x 1 kernel", "nn.Conv2d(3, 2, 1)", 4, "random", "random"),
  example("Two groups", "nn.Conv2d(4, 4, 3, groups=2)", 5, "random", "random"),
  example("Depthwise", "nn.Conv2d(4, 4, 3, groups=4)", 5, "random", "random"),
  example("One dimension", "nn.Conv1d(1, 1, 3, stride=2)", 9),
  example("Transposed", "nn.ConvTranspose2d(1, 1, 2, stride=2)", 3),
  example(
    "Transposed, with a checkerboard",
    "nn.ConvTranspose2d(1, 1, 3, stride=2)",
    4,
    "ones",
    "ones",
    true,
  ),
];

/**
 * @param {string} name
 * @param {string} call
 * @param {number} size
 * @param {Preset} [input]
 * @param {Preset} [weight]
 * @param {boolean} [coverage]
 */
function example(name, call, size, input = "counting", weight = input, coverage = false) {
  return { name, call, size, input, weight, coverage };
}
