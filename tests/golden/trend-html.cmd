trend -q -f html --terms 他,降價 --by day --margin 1 press | LC_ALL=C sed '/^<style>$/,/^<\/style>$/d; /^<script>$/,/^<\/script>$/d; s/sha256-[^'"'"']*/sha256-…/'
