// What the API server says along with an answer, out of its Warning header.
import { describe, expect, it } from 'vitest';
import { warningsIn } from './kubeApi.js';

describe('warningsIn', () => {
  it.each<[string, string | undefined, string[]]>([
    ['no header', undefined, []],
    ['one', '299 - "Yellow, rule a: encrypt"', ['Yellow, rule a: encrypt']],
    ['several, in order, commas and all', '299 - "first, and more", 299 kube "second"', ['first, and more', 'second']],
    ['quotes and backslashes', String.raw`299 - "say \"no\" to C:\\"`, ['say "no" to C:\\']],
    ['what is no warning', 'nonsense', []],
  ])('reads %s', (_, header, texts) => expect(warningsIn(header)).toEqual(texts));
});
