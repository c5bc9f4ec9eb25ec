" Policies of portreeve(8).
autocmd BufRead,BufNewFile portreeve.conf,*/portreeve/*.conf setfiletype portreeve
