/**
 * The one module of undici that Waylay loads: importing all of it takes five times as long, and sets the dispatcher
 * behind this process's fetch.
 */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
