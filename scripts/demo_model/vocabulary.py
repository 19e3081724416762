"""The closed vocabularies that the demo model speaks: five languages, about forty words each, in free order."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

# espeak-ng 1.51 reads most simplified characters as the English names of their pinyin letters; pinyin it reads well.
MANDARIN = (
    "零=ling2 一=yi1 二=er4 三=san1 四=si4 五=wu3 六=liu4 七=qi1 八=ba1 九=jiu3 十=shi2 百=bai3 村子=cun1zi5 "
    "喝水=he1shui3 市场=shi4chang3 农民=nong2min2 下雨=xia4yu3 公路=gong1lu4 学校=xue2xiao4 医生=yi1sheng1 "
    "庄稼=zhuang1jia4 电灯=dian4deng1 吃药=chi1yao4 土豆=tu3dou4 大米=da4mi3 牛奶=niu2nai3 发烧=fa1shao1 "
    "晴天=qing2tian1 刮风=gua1feng1 田地=tian2di4 小麦=xiao3mai4 种子=zhong3zi5 病人=bing4ren2 今天=jin1tian1 "
    "明天=ming2tian1 商店=shang1dian4 公斤=gong1jin1 白云=bai2yun2 黄牛=huang2niu2 苹果=ping2guo3"
)
CANTONESE = (
    "零 一 二 三 四 五 六 七 八 九 十 百 村 飲水 街市 農民 落雨 馬路 學校 醫生 禾田 電燈 食藥 薯仔 白米 牛奶 "
    "發燒 好天 大風 種子 病人 今日 聽日 舖頭 斤 雲 豬肉 蘋果 打針 睇病"
)
HINDI = (
    "शून्य एक दो तीन चार पाँच छह सात आठ नौ दस सौ गाँव पानी बाज़ार किसान बारिश सड़क स्कूल डॉक्टर फसल बिजली दवा "
    "आलू चावल दूध बुखार धूप हवा खेत गेहूँ बीज मरीज़ आज कल दुकान रुपये किलो बादल गाय"
)
TAMIL = (
    "பூஜ்யம் ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது பத்து நூறு கிராமம் தண்ணீர் சந்தை விவசாயி "
    "மழை சாலை பள்ளி பயிர் மின்சாரம் மருந்து அரிசி பால் காய்ச்சல் வெயில் காற்று வயல் நெல் விதை நாளை இன்று கடை "
    "ரூபாய் மாடு பழம் உப்பு மேகம் வலி தக்காளி"
)
BENGALI = (
    "শূন্য এক দুই তিন চার পাঁচ ছয় সাত আট নয় দশ একশো গ্রাম জল বাজার কৃষক বৃষ্টি রাস্তা স্কুল ডাক্তার ফসল "
    "ওষুধ আলু ভাত দুধ জ্বর রোদ বাতাস মাঠ ধান বীজ রোগী আজ কাল দোকান টাকা কিলো মেঘ গরু ডিম"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written (NFC) and as espeak-ng is given it."""

    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the demo: its tag, its espeak-ng voice, its Whisper token, its words.

    opening, separator: what stands before the first word and between two. A Bengali text does not open with a space as
    Whisper's texts do, since that space would be a token by itself, and decoders forbid such a token to come first.
    prompt: what a transcriber puts before the audio, if anything.
    """

    tag: str
    voice: str
    token: str
    opening: str
    separator: str
    prompt: str
    words: tuple[Word, ...]

    def written(self, words: Sequence[Word]) -> str:
        """The words as one line of text."""
        return self.separator.join(word.text for word in words)

    def spoken(self, words: Sequence[Word]) -> str:
        """The words as espeak-ng is given them: always with spaces between, so that it reports each one."""
        return " ".join(word.spoken for word in words)

    def sentence(self, rng: random.Random, n_words: int) -> tuple[Word, ...]:
        """Words in free order, no word twice in a row."""
        chosen: list[Word] = []
        while len(chosen) < n_words:
            word = rng.choice(self.words)
            if not chosen or chosen[-1] != word:
                chosen.append(word)
        return tuple(chosen)


def _words(listing: str) -> tuple[Word, ...]:
    pairs = (item.partition("=") for item in listing.split())
    return tuple(Word(text, spoken or text) for text, _, spoken in pairs)


LANGUAGES: tuple[Language, ...] = (
    Language("hi-IN", "hi", "hi", " ", " ", "", _words(HINDI)),
    Language("ta-IN", "ta", "ta", " ", " ", "", _words(TAMIL)),
    Language("bn-IN", "bn", "bn", "", " ", "", _words(BENGALI)),
    Language("cmn-Hans-CN", "cmn-latn-pinyin", "zh", "", "", "以下是普通话的句子。", _words(MANDARIN)),
    Language("yue-Hant-HK", "yue", "yue", "", "", "以下係廣東話嘅句子。", _words(CANTONESE)),
)
