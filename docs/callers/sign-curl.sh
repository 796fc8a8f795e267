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
# Other options behind the URL are for curl. CLAVIGER_ALGORITHM is the pair's: hmac-sha512 if you do not say, or
# hmac-sha256. Exit codes: 0, or 1 for an answer with status 400 or above, or 2 if nothing was sent or answered.
#
# openssl is given the secret as an argument: while it runs, others on this machine may see it. Use sign.py where they
# must not.
set -euo pipefail

fail() { echo "sign-curl.sh: $1" >&2 && exit 2; }
lower() { printf '%s' "$1" | tr '[:upper:]' '[:lower:]'; }
upper() { printf '%s' "$1" | tr '[:lower:]' '[:upper:]'; }

form=plain body='' print='' method='' url=''
options=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --form | --body)
            [[ $# -ge 2 ]] || fail "$1 needs a value"
            if [[ $1 == --form ]]; then form=$2; else body=$2; fi
            shift
            ;;
        --print) print=yes ;;
        -d* | --data* | --json* | -F* | -T* | --upload-file) fail "give the body with --body, so that it is signed" ;;
        -X* | --request) fail "give the method before the URL, so that it is signed" ;;
        -H | --header)
            [[ ${2-} == *[:\;]* || ${2-} == @* ]] || fail "$1 takes 'Name: value'"
            options+=("$1" "$2") && shift
            ;;
        *)
            if [[ -n $url ]]; then
                options+=("$1")
            elif [[ $1 == -* ]]; then
                fail "$1 is not known; options for curl follow the URL"
            elif [[ -z $method ]]; then
                method=$(upper "$1")
            else
                url=$1
            fi
            ;;
    esac
    shift
done
[[ -n $url ]] || fail 'usage: sign-curl.sh [--form FORM] [--body BODY] [--print] METHOD URL [curl...]'
[[ $form == plain || $form == rfc9421 ]] || fail "the form $form is not known; there are plain and rfc9421"
[[ -n ${CLAVIGER_KEY_ID-} ]] || fail 'CLAVIGER_KEY_ID is not set'
[[ -n ${CLAVIGER_SECRET-} ]] || fail 'CLAVIGER_SECRET is not set'
algorithm=${CLAVIGER_ALGORITHM:-hmac-sha512}
[[ $algorithm == hmac-sha512 || $algorithm == hmac-sha256 ]] || fail "the algorithm $algorithm is not known"
[[ $body != @* || (-f ${body#@} && -r ${body#@}) ]] || fail "the file ${body#@} cannot be read"

# What is not visible ASCII is percent-encoded, byte by byte.
encoded() {
    local LC_ALL=C text='' byte code index
    for ((index = 0; index < ${#1}; index++)); do
        byte=${1:index:1}
        printf -v code '%d' "'$byte"
        if ((code > 32 && code < 127)); then text+=$byte; else printf -v text '%s%%%02X' "$text" $((code & 255)); fi
    done
    printf '%s' "$text"
}

# The host as curl sends it, without the scheme's own port; the target is everything behind it.
[[ $url == *://* ]] || fail 'the URL has to begin with http:// or https://'
url=${url%%#*}
scheme=$(lower "${url%%://*}") rest=${url#*://}
host=${rest%%[/?]*}
target=$(encoded "${rest#"$host"}")
[[ $target == /* ]] || target=/$target
host=$(lower "$host")
case $scheme in
    http) host=${host%:80} ;;
    https) host=${host%:443} ;;
    *) fail 'the URL has to begin with http:// or https://' ;;
esac
[[ -n $host && $host != *[!a-z0-9.:_%\[\]-]* ]] || fail 'the URL has no host that can be signed'

now=$(date +%s)
nonce=$(openssl rand -hex 16)
mac() { openssl dgst "-${algorithm#hmac-}" -hmac "$CLAVIGER_SECRET" "$@"; }
content() { if [[ $body == @* ]]; then cat -- "${body#@}"; else printf '%s' "$body"; fi; }

plain() {
    local hash text
    hash=$(content | openssl dgst -sha256 -r)
    text=$(printf '%s\n' "$method" "$target" "$now" "$nonce" "${hash%% *}")
    local signature
    signature=$(printf '%s' "$text" | mac -r)
    headers=("X-API-Key: $CLAVIGER_KEY_ID" "X-Timestamp: $now" "X-Nonce: $nonce" "X-Signature: ${signature%% *}")
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
    local params="($covered);created=$now;keyid=\"$CLAVIGER_KEY_ID\";nonce=\"$nonce\""
    text+=$'\n''"@signature-params": '$params
    signature=$(printf '%s' "$text" | mac -binary | openssl base64 -A)
    headers+=("Signature-Input: sig1=$params" "Signature: sig1=:$signature:")
}

"$form"
if [[ -n $print ]]; then
    printf '%s\n' "${headers[@]}"
    exit
fi

options+=(--request "$method")
[[ $method != HEAD ]] || options+=(--head)
[[ -z $body ]] || options+=(--data-binary "$body")
for header in "${headers[@]}"; do options+=(--header "$header"); done
# The URL is sent as it was signed.
status=0
curl --silent --show-error --fail-with-body --globoff --path-as-is "${options[@]}" "$scheme://$host$target" || status=$?
case $status in
    0) ;;
    22) exit 1 ;;
    *) exit 2 ;;
esac
