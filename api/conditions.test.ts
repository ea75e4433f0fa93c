import { describe, expect, it } from 'vitest';
import { findCondition, isTrue, setCondition } from './conditions.js';

const ready = { type: 'Ready', status: 'True', reason: 'Active', message: 'in force' } as const;

describe('setCondition', () => {
  const first = setCondition(undefined, ready, 1, 't1');

  it('adds what is not there, with the time', () => expect(first).toEqual([{ ...ready, observedGeneration: 1, lastTransitionTime: 't1' }]));
  it('returns the same array when nothing changes', () => expect(setCondition(first, ready, 1, 't2')).toBe(first));
  it('keeps the transition time while the status stays', () => {
    expect(setCondition(first, { ...ready, message: 'still in force' }, 2, 't2')[0]).toMatchObject({
      message: 'still in force',
      observedGeneration: 2,
      lastTransitionTime: 't1',
    });
  });
  it('moves it when the status changes, and leaves others alone', () => {
    const two = setCondition(first, { ...ready, type: 'Accepted' }, 1, 't2');
    const changed = setCondition(two, { ...ready, status: 'False', reason: 'Refused' }, 1, 't3');
    expect(findCondition(changed, 'Ready')?.lastTransitionTime).toBe('t3');
    expect(findCondition(changed, 'Accepted')).toEqual(two[1]);
    expect([isTrue(changed, 'Ready'), isTrue(changed, 'Accepted'), isTrue(changed, 'None')]).toEqual([false, true, false]);
  });
});
