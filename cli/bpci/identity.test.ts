// Days and moments until which an identity is attested, as a flag has them.
import { expect, it } from 'vitest';
import { moment } from './identity.js';

it.each([['2027-01-31', Date.UTC(2027, 0, 31)], ['2027-01-31T12:00:00Z', Date.UTC(2027, 0, 31, 12)], ['now', 0]])('%s', (text, ms) => expect(moment(text)).toBe(ms)); // prettier-ignore
it.each(['', 'soon', '31.1.2027', '2027-13-01', '1'])('refuses "%s"', (text) => expect(() => moment(text)).toThrow(/expected a day/));
