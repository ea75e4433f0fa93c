// What a compliance report is about: chain, tenant, period, agreement, and how far its completeness is proved.
import type { AgreementTerms } from './findings.js';

export interface ReportHeader {
  chainId: string;
  namespace: string;
  /** Ms since the epoch; receipts with block times from `from` up to, not including, `to`. */
  from: number;
  to: number;
  /** Block up to which the list of receipts is proved to be whole. */
  height: number;
  /** Hash of that block's header, hex. */
  headerHash: string;
  /** All receipts of the period. */
  receipts: number;
  agreement?: AgreementTerms;
}

/** Where the report has a receipt's bundle, from its own folder. */
export const receiptFile = (receiptId: string): string => `receipts/${receiptId}.json`;
export const isoTime = (ms: number): string => new Date(ms).toISOString();

export const reportTitle = ({ namespace, agreement }: ReportHeader): string => `Compliance of tenant ${namespace}${agreement ? ` under agreement ${agreement.name}` : ''}`;
