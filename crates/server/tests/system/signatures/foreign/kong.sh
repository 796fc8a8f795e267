# Date, request line and digest, signed with curl's usual companion.
set -euo pipefail
date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
digest=SHA-256=$(printf '%s' "$BODY" | openssl dgst -sha256 -binary | base64)
signature=$(printf 'date: %s\nPOST %s HTTP/1.1\ndigest: %s' "$date" "$TARGET" "$digest" |
    openssl dgst -sha256 -hmac "$SECRET" -binary | base64)
echo "Date: $date"
echo "Digest: $digest"
echo "Authorization: hmac username=\"$KEY_ID\", algorithm=\"hmac-sha256\", headers=\"date request-line digest\", signature=\"$signature\""
