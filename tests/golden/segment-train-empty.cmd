segment --train /dev/null --save nothing.seg
