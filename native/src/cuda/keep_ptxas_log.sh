#!/bin/sh
# CMake runs the CUDA compiler through this: what ptxas says of a file's kernels is kept beside its object (X.o.ptxas.txt,
# for tools/cuda/compile.mjs), and shown only where the compiler failed.
object=
previous=
for argument; do
  [ "$previous" = -o ] && object=$argument
  previous=$argument
done
case $object in
  *.o) ;;
  *) exec "$@" ;;
esac
"$@" 2> "$object.ptxas.txt"
status=$?
[ $status -eq 0 ] && exit 0
grep -v 'ptxas info' "$object.ptxas.txt" >&2
rm -f "$object.ptxas.txt"
exit $status
