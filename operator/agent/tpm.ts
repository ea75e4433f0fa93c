// The node's TPM 2.0, through tpm2-tools: an attestation key of its own, and quotes of its PCRs over a nonce.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { tpmEvidence, type TpmEvidence } from '../../chain/client/tpmEvidence.js';

const run = promisify(execFile);
/** Firmware, boot loader and secure boot state. */
const QUOTED_PCRS = [0, 1, 2, 3, 4, 5, 6, 7];
const TOOL_MS = 20_000;

class TpmError extends Error {
  readonly code = 'TpmFailed';
}

/** `tcti` as tpm2-tools take it: device:/dev/tpmrm0, swtpm:host=…,port=…. */
export class Tpm {
  constructor(private readonly tcti: string) {}

  async #tool(name: string, arguments_: string[], folder: string): Promise<void> {
    try {
      await run(name, ['-T', this.tcti, ...arguments_], { cwd: folder, timeout: TOOL_MS });
    } catch (cause) {
      const { stderr, message } = cause as Error & { stderr?: string };
      throw new TpmError(`${name} on TPM ${this.tcti}: ${(stderr || message).trim().split('\n').at(-1)}: are tpm2-tools installed, and may this program use the TPM?`, { cause });
    }
  }

  /** Rejects with TpmError. The attestation key is derived from the TPM's own seed: the same one as long as the TPM is not cleared. */
  async quote(nonce: Uint8Array): Promise<TpmEvidence> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-tpm-'));
    const read = (file: string) => readFileSync(path.join(folder, file));
    const selection = `sha256:${QUOTED_PCRS.join(',')}`;
    try {
      const restricted = 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign';
      await this.#tool('tpm2_createprimary', ['-C', 'e', '-G', 'ecc256:ecdsa-sha256:null', '-g', 'sha256', '-a', restricted, '-c', 'ak.ctx'], folder);
      await this.#tool('tpm2_readpublic', ['-c', 'ak.ctx', '-f', 'der', '-o', 'ak.der'], folder);
      await this.#tool('tpm2_pcrread', [selection, '-o', 'pcrs'], folder);
      await this.#tool('tpm2_quote', ['-c', 'ak.ctx', '-l', selection, '-q', Buffer.from(nonce).toString('hex'), '-m', 'attested', '-s', 'signature', '-f', 'plain', '-g', 'sha256'], folder);
      const files = { attested: read('attested'), signature: read('signature'), key: read('ak.der'), pcrs: read('pcrs') };
      const evidence = tpmEvidence(files, QUOTED_PCRS);
      if (!evidence) throw new TpmError(`TPM ${this.tcti}: its attestation key is not ECDSA on P-256`);
      return evidence;
    } finally {
      // Without a resource manager the TPM keeps the loaded key, of which it holds three.
      await this.#tool('tpm2_flushcontext', ['-t'], folder).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
