// Reads a saved receipt: bytes or text of a file into a bundle of the exact shape, or what is wrong with it.
import { CodecError, fromUtf8 } from '../../crypto/encoding.js';
import { bundleShape } from '../receiptShapes.js';
import { ShapeError } from '../shape.js';
import type { ReceiptBundle } from '../types.js';

export const MAX_BUNDLE_BYTES = 1 << 20;

export type BundleReading = { ok: true; bundle: ReceiptBundle } | { ok: false; code: 'Malformed'; message: string };

export function readBundle(data: Uint8Array | string): BundleReading {
  if (data.length > MAX_BUNDLE_BYTES) return refuse(`the receipt has ${data.length} bytes, at most ${MAX_BUNDLE_BYTES} are read`);
  try {
    const value: unknown = JSON.parse(typeof data === 'string' ? data : fromUtf8(data));
    return { ok: true, bundle: bundleShape(value, 'receipt') };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeError || error instanceof CodecError)
      return refuse(`the receipt cannot be read: ${error.message}`);
    throw error;
  }
}

function refuse(message: string): BundleReading {
  return { ok: false, code: 'Malformed', message };
}
