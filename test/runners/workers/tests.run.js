/** Run by a Jest of its own: one of these fails, and is to. */
const { useWaylay } = require('waylay/jest');
const { Worker } = require('node:worker_threads');
const { Piscina } = require('piscina');
const { scenarios } = require('./scenarios.cjs');

scenarios({ test, describe, expect, afterAll, useWaylay, Piscina, ImportedWorker: Worker, node: process.execPath });
