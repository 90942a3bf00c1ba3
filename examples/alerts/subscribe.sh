#!/usr/bin/env bash
# Prints every alert as JSON, one a line, and goes on where it stopped when it is started again.
#
#   bash examples/alerts/subscribe.sh [redis://127.0.0.1:6379] [folder for the positions]
set -u
url=${1:-redis://127.0.0.1:6379}
folder=${2:-alert-positions}
mkdir -p "$folder"

# Whatever comes after the last alert of the partition that was dealt with, a page at a time.
read_partition() {
  local stream="incidents:{p$1}:alerts" after id alert
  while :; do
    after=$(cat "$folder/p$1" 2>/dev/null || echo 0-0)
    {
      # The name of the stream, then for each entry its id, the word "alert" and the alert.
      read -r name && [ "$name" = "$stream" ] || return 0
      while read -r id && read -r _ && read -r alert; do
        printf '%s\n' "$alert"
        printf '%s\n' "$id" >"$folder/p$1.new" && mv "$folder/p$1.new" "$folder/p$1"
      done
    } < <(redis-cli --no-auth-warning -u "$url" XREAD COUNT 100 STREAMS "$stream" "$after")
  done
}

read_on() {
  local partitions partition
  partitions=$(redis-cli --no-auth-warning -u "$url" HGET incidents:meta partitions)
  [[ $partitions =~ ^[0-9]+$ ]] || return 0
  for ((partition = 0; partition < partitions; partition++)); do read_partition "$partition"; done
}

listen() {
  exec 3< <(exec redis-cli --no-auth-warning -u "$url" SUBSCRIBE alerts)
  hints=$!
}

trap 'kill "$hints" 2>/dev/null' EXIT
trap exit INT TERM
listen
while :; do
  read_on
  # A hint, or two seconds without one; status 1 says that the connection is gone.
  read -r -t 2 -u 3 _
  [ $? -eq 1 ] && sleep 1 && listen
  while read -r -t 0 -u 3 && read -r -u 3 _; do :; done
done
