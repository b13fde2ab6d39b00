"""Kanji that write the same name in different shapes (異体字): each group folds to its first character.

Old and new forms (旧字体, 新字体) and the variants common in names. It unites on purpose more than a register
would: a search that shows one person too many is put right by a look, one that misses a person is not.
Compatibility characters and selectors are not listed: Unicode's own folding (NFKC) unites them.
"""

_GROUPS = """
高髙 崎﨑嵜㟢 辺邊邉 斎齋齊斉齐 浜濱濵 沢澤 広廣 国國圀 真眞 島嶋嶌㠀 桜櫻 恵惠 徳德悳
柳栁桺 槇槙 竜龍 与與 円圓 条條 静靜 瀬瀨 黒黑 曽曾 富冨 寛寬 園薗 藪薮 遥遙 凜凛
吉𠮷 亜亞 悪惡 圧壓 囲圍 医醫 為爲 壱壹 稲稻 隠隱 栄榮 営營 衛衞 駅驛 塩鹽 縁緣 応應
欧歐 奥奧 横橫 温溫 仮假 価價 画畫 会會 絵繪 壊壞 懐懷 拡擴 殻殼 覚覺 学學 岳嶽 楽樂
巻卷 勧勸 巌巖 観觀 関關 帰歸 気氣 亀龜 犠犧 旧舊 拠據 挙擧 虚虛 峡峽 狭狹 郷鄕 暁曉
勲勳 薫薰 径徑 渓溪 経經 継繼 茎莖 蛍螢 軽輕 鶏鷄雞 芸藝 剣劍劔剱釼 圏圈 検檢 権權
献獻 県縣 険險 顕顯 験驗 厳嚴 効效 恒恆 鉱鑛 号號 済濟 砕碎 剤劑 雑雜 参參 桟棧 蚕蠶
惨慘 賛贊 残殘 糸絲 歯齒 児兒 辞辭 湿濕 実實 写寫 釈釋 寿壽 収收 従從 渋澁 獣獸 縦縱
粛肅 処處 緒緖 叙敍 奨奬 将將 焼燒 称稱 証證 乗乘 剰剩 壌壤 嬢孃 浄淨 畳疊 譲讓 醸釀
触觸 慎愼 晋晉 尽盡 図圖 粋粹 酔醉 穂穗 随隨 髄髓 枢樞 数數 声聲 窃竊 摂攝 専專 浅淺
戦戰 践踐 銭錢 潜潛 禅禪 双雙 壮壯 捜搜 挿插 巣巢 争爭 総總 聡聰 荘莊 装裝 騒騷 増增
蔵藏 臓臟 即卽 属屬 続續 堕墮 対對 体體 帯帶 滞滯 台臺 滝瀧 択擇 担擔 単單 団團 弾彈
断斷 遅遲 痴癡 虫蟲 昼晝 鋳鑄 庁廳 聴聽 勅敕 鎮鎭 逓遞 鉄鐵銕 点點 転轉 伝傳 党黨
盗盜 灯燈 当當 闘鬪 独獨 読讀 届屆 縄繩 弐貳 悩惱 脳腦 覇霸 拝拜 廃廢 売賣 梅楳 麦麥
発發 髪髮 抜拔 蛮蠻 秘祕 瓶甁 払拂 仏佛 併倂 並竝 変變 弁辨瓣辯 宝寶寳 豊豐 褒襃 翻飜
毎每 万萬 満滿 黙默 訳譯 薬藥 予豫 余餘 誉譽 揺搖 様樣 謡謠 来來 頼賴 乱亂 覧覽 両兩
猟獵 緑綠 塁壘 涙淚 励勵 礼禮 霊靈 齢齡 暦曆 歴歷 恋戀 錬鍊 炉爐 労勞 楼樓 郎郞 録錄
湾灣 館舘 峰峯 野埜 船舩 昂昻 松枩 桑桒 橋𣘺 渕淵渊 彦彥 弥彌 祢禰 桧檜 蛎蠣 鴎鷗
蒋蔣 諌諫 頴穎 籠篭 芦蘆 兎兔 壷壺 尭堯 晃晄 熙煕熈 猪豬 禄祿 穣穰 翠翆 萌萠 杉杦
角⻆ 土圡 亘亙 坂阪 杯盃 清淸 青靑 鶴靏鸖 飲飮 黄黃 栖棲 涼凉 沖冲 昇曻 染㭃 楠柟
世卋 歩步 涌湧 徹㣃 強强 尚尙 州洲 畠畑 皐皋 喜㐂 草艸 煙烟 澄澂
"""

VARIANTS = {ord(variant): group[0] for group in _GROUPS.split() for variant in group[1:]}
