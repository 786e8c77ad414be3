/** Numbers as a reader types them and sees them. */

const DIGITS = 12; // that are shown: fewer than a double has, so 0.1 + 0.2 is shown as 0.3
const SUM_DIGITS = 13; // of a sum, from the first digit of its largest summand on
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/**
 * Add up, without the noise of binary fractions: 0.3 - 0.1 - 0.2 is 0.
 *
 * @param {number[]} summands
 * @returns {number}
 */
export function sum(summands) {
  const total = summands.reduce((left, right) => left + right, 0);
  if (Number.isInteger(total)) return total;
  const largest = summands.reduce((most, summand) => Math.max(most, Math.abs(summand)), 0);
  const decimals = SUM_DIGITS - 1 - Math.floor(Math.log10(largest));
  return decimals >= 0 && decimals <= 100 ? Number(total.toFixed(decimals)) : total;
}

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
