/// <reference path="./wink-porter2-stemmer.d.ts" />
export { default as stem } from 'wink-porter2-stemmer';
