// What is measured of a receipt log, ours or another's.

export interface Figures {
  /** Durable with all that proves them. */
  perSecond: number;
  /** ms each; averaged over a block. Empty where nothing of the kind is done. */
  generate: number[];
  /** ms each, from a log of the whole size. */
  retrieve: number[];
  verify: number[];
  /** MiB after so many: own (heap and buffers; for others resident), and resident with mapped files. */
  memory: { receipts: number; own: number; resident: number }[];
}
