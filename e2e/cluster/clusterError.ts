// The one error of the cluster providers: a code to decide by, and a message that names the cure.

export type ClusterErrorCode =
  | 'bad-options' // an option, flag or file says something impossible
  | 'build-failed' // a program or image could not be built
  | 'command-failed' // a command of the system ended with an error
  | 'image-not-loaded'
  | 'not-ready' // something that was started did not become ready in time
  | 'process-died' // something that was started ended by itself
  | 'provider-unusable' // the machine lacks what the provider needs
  | 'real-node-impossible'
  | 'unreachable'; // the API server does not answer, or refuses

export class ClusterError extends Error {
  constructor(
    readonly code: ClusterErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ClusterError';
  }
}
