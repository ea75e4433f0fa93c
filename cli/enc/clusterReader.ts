// Reads objects of the Kubernetes API as plain JSON, or deletes one, through the user's kubeconfig.
import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { CliError } from '../bpci/cliError.js';

const TIMEOUT_MS = 10_000;

export interface ClusterReader {
  /** Of the kubeconfig's context, else 'default'. */
  namespace: string;
  /** The object or list at an API path; undefined when there is none (404). Throws CliError when the API server does not answer or refuses. */
  get<T>(apiPath: string): Promise<T | undefined>;
  /** Deletes the object; that there is none is as good. Throws CliError as get does. */
  remove(apiPath: string): Promise<void>;
}

export function openCluster(kubeconfig: string): ClusterReader {
  const config = new KubeConfig();
  try {
    config.loadFromFile(kubeconfig);
  } catch (cause) {
    throw new CliError(`--kubeconfig ${kubeconfig}: cannot be read (${(cause as Error).message.split('\n')[0]})`, 2, { cause });
  }
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new CliError(`--kubeconfig ${kubeconfig}: its current context names no cluster`);
  return {
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    async get<T>(apiPath: string) {
      const text = await ask('GET', apiPath);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    async remove(apiPath: string) {
      await ask('DELETE', apiPath);
    },
  };

  /** undefined: 404. */
  async function ask(method: 'GET' | 'DELETE', apiPath: string): Promise<string | undefined> {
    const options: https.RequestOptions = { method, timeout: TIMEOUT_MS, headers: { accept: 'application/json' } };
    await config.applyToHTTPSOptions(options).catch((cause: Error) => {
      throw new CliError(`--kubeconfig ${kubeconfig}: its credentials cannot be used (${cause.message.split('\n')[0]})`, 2, { cause });
    });
    const { status, text } = await request(new URL(apiPath, server), options);
    if (status === 404) return undefined;
    if (status >= 400) throw new CliError(`the API server ${server} refused ${apiPath}: ${messageOf(text) ?? status}`, 1);
    return text;
  }
}

function request(url: URL, options: https.RequestOptions): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => reject(new CliError(`the API server ${url.origin} does not answer (${cause.message}); is the cluster running?`, 1, { cause }));
    const sent = (url.protocol === 'http:' ? http : https).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', failed);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.on('error', failed);
    sent.end();
  });
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { message?: string }).message;
  } catch {
    return undefined;
  }
}
