/** Numbers as a reader types them and sees them. */

const DIGITS = 12; // fewer than a double has: 0.1 + 0.2 is shown as 0.3
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/**
 * Write a number without the noise of binary fractions.
 *
 * @param {number} value
 * @returns {string}
 */
export function format(value) {
  return String(Number(value.toPrecision(DIGITS)) || 0); // -0 is 0
}

/**
 * Write a number as a factor or summand: a negative one in parentheses.
 *
 * @param {number} value
 * @returns {string}
 */
export function operand(value) {
  const text = format(value);
  return text.startsWith("-") ? `(${text})` : text;
}

/**
 * Read an integer or a decimal that was typed, such as "-2" or "0.5".
 *
 * @param {string} text
 * @returns {number | null} null where the text is no such number
 */
export function parse(text) {
  const trimmed = text.trim().replace("\u2212", "-");
  return DECIMAL.test(trimmed) ? Number(trimmed) : null;
}
