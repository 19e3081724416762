"""Loops are found in any script, and clean text is left alone."""

from __future__ import annotations

import pytest

from pipeline.hallucinations import is_hallucination
from pipeline.repetition import compression_ratio, has_repeated_phrase, is_loop

# Article 1 of the Universal Declaration of Human Rights (public domain), of which loops are made below.
CLEAN = {
    "hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन "
    "प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
    "ta": "மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும், உரிமைகளிலும் சமமானவர்கள், அவர்கள் நியாயத்தையும் "
    "மனச்சாட்சியையும் இயற்பண்பாகப் பெற்றவர்கள். அவர்கள் ஒருவருடனொருவர் சகோதர உணர்வுப் பாங்கில் நடந்துகொள்ளல் வேண்டும்.",
    "bn": "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং বুদ্ধি আছে; সুতরাং সকলেরই একে অপরের "
    "প্রতি ভ্রাতৃত্বসুলভ মনোভাব নিয়ে আচরণ করা উচিত।",
    "ur": "تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔ انہیں ضمیر اور عقل ودیعت ہوئی ہے۔ اس لئے "
    "انہیں ایک دوسرے کے ساتھ بھائی چارے کا سلوک کرنا چاہئے۔",
    "zh": "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
    "and should act towards one another in a spirit of brotherhood.",
}


@pytest.mark.parametrize("language", CLEAN)
def test_clean_text_is_no_loop(language: str) -> None:
    assert compression_ratio(CLEAN[language]) < 2.0
    assert not is_loop(CLEAN[language])


@pytest.mark.parametrize("language", CLEAN)
def test_a_text_four_times_over_is_a_loop(language: str) -> None:
    assert is_loop(" ".join([CLEAN[language]] * 4))


@pytest.mark.parametrize(
    ("text", "is_repeated"),
    [
        ("नौ सात सात सात सात दो", False),
        ("सात सात सात सात सात", True),
        ("哈哈哈哈", False),
        ("我是我是我是我是", True),
        ("हाँ जी हाँ जी हाँ जी हाँ जी", True),
        ("", False),
    ],
)
def test_repeats_that_people_say_are_no_loop(text: str, is_repeated: bool) -> None:
    assert has_repeated_phrase(text) is is_repeated


@pytest.mark.parametrize(
    ("text", "language", "is_known"),
    [
        ("字幕由Amara.org社群提供", "zh", True),
        ("谢谢观看!谢谢观看!", "zh", True),
        ("Thanks for watching!", "ta", True),
        ("谢谢观看我们的节目", "zh", False),
        ("谢谢观看", "hi", False),
        ("", "zh", False),
    ],
)
def test_known_phrases_count_only_as_the_whole_segment(text: str, language: str, is_known: bool) -> None:
    assert is_hallucination(text, language) is is_known
