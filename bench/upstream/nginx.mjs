// @ts-check
/** nginx with one worker, which costs less than any server in Node; it answers uploads without looking at them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodies } from './bodies.mjs';

/**
 * Writes what nginx is to serve, and how.
 *
 * @param {string} folder of its own
 * @param {import('./certificate.mjs').Identity} identity
 * @param {{ https: number, http: number }} ports
 * @returns {string} the path of the configuration
 */
export function nginxConfiguration(folder, identity, ports) {
  const files = join(folder, 'files');
  mkdirSync(files, { recursive: true });
  for (const [path, { body }] of Object.entries(bodies)) writeFileSync(join(files, path), body);
  writeFileSync(join(folder, 'key.pem'), identity.key);
  writeFileSync(join(folder, 'cert.pem'), identity.cert);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const types = Object.entries(bodies).map(([path, { type }]) => `location = ${path} { default_type ${type}; }`);
  const configuration = `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr crit;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 8192; }
http {
  access_log off; server_tokens off; etag off; tcp_nodelay on; types {}
  keepalive_requests 1000000000; keepalive_timeout 600s; http2_max_concurrent_streams 1000;
  open_file_cache max=100; open_file_cache_valid 1h;
  client_max_body_size 0;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:8m;
  server {
    listen 127.0.0.1:${ports.https} ssl http2;
    listen 127.0.0.1:${ports.http};
    root ${files};
    location = /upload { return 200 "taken"; }
    ${types.join('\n    ')}
  }
}
`;
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, configuration);
  return path;
}
