#!/usr/bin/env node
// Stands in for the program "java" in tests: checks how it is called and runs the "jar", which is a script.
import { pathToFileURL } from 'node:url';

const [memory, flag, jar, ...args] = process.argv.slice(2);
if (!/^-Xmx\d+[GM]$/.test(memory) || flag !== '-jar') {
  console.error(`called as java ${process.argv.slice(2).join(' ')}`);
  process.exit(2);
}
process.argv.splice(2, Infinity, ...args);
await import(pathToFileURL(jar).href);
