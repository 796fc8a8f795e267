#!/usr/bin/env bash
# Signs a request and sends it: curl and openssl do the work.
#
#   export CLAVIGER_KEY_ID=key_... CLAVIGER_SECRET=...
#   ./sign-curl.sh GET 'https://api.example/orders?state=open'
#   ./sign-curl.sh --form rfc9421 --body @order.json POST https://api.example/orders -H 'Content-Type: application/json'
#
# --form   plain (if you do not say) or rfc9421
# --body   text, or @FILE
# --print  shows the headers, and sends nothing
# What follows the URL is for curl. CLAVIGER_ALGORITHM is the pair's: hmac-sha512 if you do not say, or hmac-sha256.
#
# openssl is given the secret as an argument: while it runs, others on this machine may see it. Use sign.py where they
# must not.
set -euo pipefail

form=plain body='' print=''
while [[ ${1-} == --* ]]; do
    case $1 in
        --form) form=${2:?} && shift 2 ;;
        --body) body=${2:?} && shift 2 ;;
        --print) print=yes && shift ;;
        *) echo "sign-curl.sh: $1 is not known" >&2 && exit 2 ;;
    esac
done
[[ $# -ge 2 ]] || { echo 'usage: sign-curl.sh [--form FORM] [--body BODY] [--print] METHOD URL [curl...]' >&2; exit 2; }
method=$1 url=${2%%#*}
shift 2

# The host as curl sends it, without the scheme's own port; the target is everything behind it.
scheme=${url%%://*} rest=${url#*://}
host=${rest%%[/?]*}
target=${rest#"$host"}
[[ $target == /* ]] || target=/$target
case $scheme in
    http) host=${host%:80} ;;
    https) host=${host%:443} ;;
esac

now=$(date +%s)
nonce=$(openssl rand -hex 16)
algorithm=${CLAVIGER_ALGORITHM:-hmac-sha512}
mac() { openssl dgst "-${algorithm#hmac-}" -hmac "${CLAVIGER_SECRET:?}" "$@"; }
content() { if [[ $body == @* ]]; then cat -- "${body#@}"; else printf '%s' "$body"; fi; }

plain() {
    local hash text
    hash=$(content | openssl dgst -sha256 -r)
    text=$(printf '%s\n' "$method" "$target" "$now" "$nonce" "${hash%% *}")
    local signature
    signature=$(printf '%s' "$text" | mac -r)
    headers=("X-API-Key: ${CLAVIGER_KEY_ID:?}" "X-Timestamp: $now" "X-Nonce: $nonce" "X-Signature: ${signature%% *}")
}

rfc9421() {
    local covered='"@method" "@target-uri"' text digest signature
    text=$(printf '"@method": %s\n"@target-uri": %s' "$method" "$scheme://$host$target")
    headers=()
    if [[ -n $body ]]; then
        digest="sha-256=:$(content | openssl dgst -sha256 -binary | openssl base64 -A):"
        covered+=' "content-digest"'
        text+=$'\n''"content-digest": '$digest
        headers=("Content-Digest: $digest")
    fi
    local params="($covered);created=$now;keyid=\"${CLAVIGER_KEY_ID:?}\";nonce=\"$nonce\""
    text+=$'\n''"@signature-params": '$params
    signature=$(printf '%s' "$text" | mac -binary | openssl base64 -A)
    headers+=("Signature-Input: sig1=$params" "Signature: sig1=:$signature:")
}

case $form in
    plain | rfc9421) "$form" ;;
    *) echo "sign-curl.sh: the form $form is not known" >&2 && exit 2 ;;
esac
if [[ -n $print ]]; then
    printf '%s\n' "${headers[@]}"
    exit
fi

options=(--request "$method")
[[ $method != HEAD ]] || options=(--head)
[[ -z $body ]] || options+=(--data-binary "$body")
for header in "${headers[@]}"; do options+=(--header "$header"); done
# The URL is sent as it was signed.
exec curl --silent --show-error --globoff --path-as-is "${options[@]}" "$@" "$scheme://$host$target"
