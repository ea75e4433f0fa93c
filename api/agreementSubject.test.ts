import { describe, expect, it } from 'vitest';
import { agreementSubject, missingSignatures } from './agreementSubject.js';
import { sample } from './testing/samples.js';

describe('agreementSubject', () => {
  it('is everything but the signatures', () => {
    const { signatures: _signatures, ...rest } = sample('Agreement').spec;
    expect(agreementSubject(sample('Agreement').spec)).toEqual(rest);
  });
});

describe('missingSignatures', () => {
  it('names the parties that have not signed', () => expect(missingSignatures(sample('Agreement').spec)).toEqual(['processor']));
});
