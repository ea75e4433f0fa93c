// What stands for a person's name in receipts: a salted commitment, which nobody can open once its salt is erased, while every proof over it still holds (GDPR Art. 17).
import { concatBytes, fromHex, utf8 } from '../crypto/encoding.js';
import { sha256Hex } from '../crypto/hash.js';

/** 32 bytes hex; made once for a person, and kept apart from every receipt. */
export interface PersonalOpening {
  name: string;
  salt: string;
}

const PREFIX = 'person:';
const TAG = concatBytes(utf8('enc-person-v1'), Uint8Array.of(0));
const SALT_BYTES = 32;

/** Of a Secret's data, base64; undefined: somebody wrote it by hand, and it opens nothing. */
export function openingIn(data: Readonly<Record<string, string>> | undefined): PersonalOpening | undefined {
  const [name, salt] = ['name', 'salt'].map((key) => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8'));
  return name && salt && /^[0-9a-f]{64}$/.test(salt) ? { name, salt } : undefined;
}

/** Accounts of programs are nobody's personal data. */
export const isPersonalName = (user: string): boolean => user !== '' && !user.startsWith('system:') && !isPersonalCommitment(user);

export const isPersonalCommitment = (user: string): boolean => /^person:[0-9a-f]{64}$/.test(user);

/** `person:` and the sha256 of utf8('enc-person-v1') ‖ 0x00 ‖ salt ‖ utf8(name), hex. Throws on a salt that is not 32 bytes of hex. */
export function personalCommitment({ name, salt }: PersonalOpening): string {
  return PREFIX + sha256Hex(concatBytes(TAG, fromHex(salt, SALT_BYTES), utf8(name)));
}
