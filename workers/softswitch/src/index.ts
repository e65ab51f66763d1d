/** The embedded default's two servers, for processes and tests that run them in-process. */
export {
  type SipServer,
  type SipServerCounts,
  type SipServerOptions,
  startSipServer,
} from './drachtio/server.ts';
export { type MediaServer, type MediaServerOptions, startMediaServer } from './media/media-server.ts';
export { type Certificate, makeCertificate } from './tls-certificate.ts';
