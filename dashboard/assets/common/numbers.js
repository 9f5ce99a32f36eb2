export const count = (n) => Number(n || 0).toLocaleString("en-US");
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

// With the sign that is as wide as a plus
export const minus = (value) => String(value).replace("-", "−");

export function short(value) {
  if (value === null || value === undefined || value === "" || Number.isNaN(value)) return "–";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return count(value);
  return size !== 0 && (size < 0.001 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

// Two digits tell scores apart; an error with a unit is a whole number.
export function told(value, unit = "") {
  if (value === null || value === undefined) return "–";
  return minus(unit ? count(Math.round(value)) : value.toFixed(2).replace(/^-(0\.00)$/, "$1"));
}
