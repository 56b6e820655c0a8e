import type { NumberRange } from '../../managed/numbers.ts';

type Check = NumberRange['check'];

/** What follows a number so that a digit that is mistyped, or two that are exchanged, are noticed. */
export function checkOf(check: Check, text: string): string {
  if (check === 'luhn') return luhn(text);
  return check === 'mod97' ? mod97(text) : '';
}

/** True where a number ends as its check wants it. */
export function isChecked(check: Check, text: string): boolean {
  const length = { none: 0, luhn: 1, mod97: 2 }[check];
  const body = text.slice(0, text.length - length);
  return body !== '' && body + checkOf(check, body) === text;
}

/** Mod 10 (ISO/IEC 7812-1, annex B): every other digit doubled, from the right. */
function luhn(text: string): string {
  const digits = [...text.replace(/\D/g, '')].reverse().map(Number);
  const sum = digits.reduce((all, digit, place) => {
    const value = place % 2 === 0 ? digit * 2 : digit;
    return all + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

/** ISO/IEC 7064 mod 97-10, letters as 10 to 35. */
function mod97(text: string): string {
  const digits = [...text.replace(/[^A-Z0-9]/g, '')].map((letter) => Number.parseInt(letter, 36)).join('');
  let rest = 0;
  for (const digit of `${digits}00`) rest = (rest * 10 + Number(digit)) % 97;
  return String(98 - rest).padStart(2, '0');
}
