/** The answer to clients that do not say where they want to go. */
export const HOW_TO_USE_THE_PORT =
  "Set it as the client's HTTP, HTTPS or SOCKS proxy, for example with curl --proxy. Clients that cannot be told of a proxy can be led here with the option transparent: 'kernel' (the system redirects them) or 'name' (names resolve to this port).";
