# ruff: noqa: RUF001
"""What synthetic voices say in other languages than English: sentences of our own.

Some languages are there to fit the rule by (`TO_FIT`), the others only to measure it.
"""

#: espeak-ng's voice to the language's name.
NAMES: dict[str, str] = {
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pl": "Polish",
    "fi": "Finnish",
    "tr": "Turkish",
    "hi": "Hindi",
    "id": "Indonesian",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "sv": "Swedish",
    "ru": "Russian",
    "el": "Greek",
    "hu": "Hungarian",
    "ko": "Korean",
}

TO_FIT: dict[str, tuple[str, ...]] = {
    "de": (
        "Mein Bruder braucht morgen bitte ein paar neue Bücher.",
        "Am Bahnhof haben wir beim Bäcker Brot bekommen.",
        "Vielleicht beginnt die Probe später als am Montag.",
        "Ich weiß nicht, ob sie gestern nach Hause gegangen ist.",
        "Das Wetter war schlecht, aber wir sind trotzdem gewandert.",
        "Könntest du mir kurz sagen, wie spät es ist?",
    ),
    "fr": (
        "Mon ami a mis une pomme et du pain dans la boîte.",
        "Je ne comprends pas comment le problème a commencé.",
        "Il faudrait que nous partions demain avant midi.",
        "Elle travaille dans une petite librairie près de la gare.",
        "On s'est promenés longtemps au bord de la rivière.",
        "Est-ce que tu as vu mes clefs quelque part ?",
    ),
    "es": (
        "Mi abuela compra pan y mermelada en el mercado.",
        "El pueblo empieza a despertar por la mañana.",
        "No sé si ellos van a venir a la fiesta.",
        "Ayer llovió todo el día y nos quedamos en casa.",
        "Los niños juegan en el parque después de la escuela.",
        "Quiero aprender a tocar la guitarra este año.",
    ),
    "pl": (
        "Mój brat mieszka w małym mieście nad rzeką.",
        "Wczoraj padał deszcz, więc zostaliśmy w domu.",
        "Czy możesz mi powiedzieć, która jest godzina?",
        "Dzieci bawią się w parku po szkole.",
        "Nie wiem, czy oni przyjdą na przyjęcie.",
        "Musimy kupić chleb, mleko i trochę jabłek.",
    ),
    "fi": (
        "Veljeni asuu pienessä kaupungissa joen rannalla.",
        "Eilen satoi koko päivän, joten jäimme kotiin.",
        "Voisitko kertoa minulle, mitä kello on?",
        "Lapset leikkivät puistossa koulun jälkeen.",
        "En tiedä, tulevatko he juhliin.",
        "Meidän täytyy ostaa leipää, maitoa ja omenoita.",
    ),
    "tr": (
        "Kardeşim nehir kıyısında küçük bir şehirde yaşıyor.",
        "Dün bütün gün yağmur yağdı, evde kaldık.",
        "Bana saatin kaç olduğunu söyler misin?",
        "Çocuklar okuldan sonra parkta oynuyorlar.",
        "Partiye gelip gelmeyeceklerini bilmiyorum.",
        "Ekmek, süt ve biraz elma almamız gerekiyor.",
    ),
    "hi": (
        "मेरा भाई नदी के किनारे एक छोटे शहर में रहता है।",
        "कल पूरे दिन बारिश हुई इसलिए हम घर पर रहे।",
        "क्या आप मुझे बता सकते हैं कि समय क्या हुआ है?",
        "बच्चे स्कूल के बाद पार्क में खेलते हैं।",
        "मुझे नहीं पता कि वे आएंगे या नहीं।",
        "हमें रोटी, दूध और कुछ सेब खरीदने हैं।",
    ),
    "id": (
        "Saudara saya tinggal di kota kecil di tepi sungai.",
        "Kemarin hujan sepanjang hari, jadi kami tinggal di rumah.",
        "Bisakah kamu memberi tahu saya jam berapa sekarang?",
        "Anak-anak bermain di taman setelah sekolah.",
        "Saya tidak tahu apakah mereka akan datang ke pesta.",
        "Kita harus membeli roti, susu, dan beberapa apel.",
    ),
}

TO_MEASURE: dict[str, tuple[str, ...]] = {
    "it": (
        "Mio fratello abita in una piccola città vicino al fiume.",
        "Ieri ha piovuto tutto il giorno e siamo rimasti a casa.",
        "Mi puoi dire che ore sono adesso?",
        "I bambini giocano nel parco dopo la scuola.",
        "Non so se loro verranno alla festa.",
        "Dobbiamo comprare il pane, il latte e qualche mela.",
    ),
    "pt": (
        "Meu irmão mora numa cidade pequena perto do rio.",
        "Ontem choveu o dia inteiro e ficamos em casa.",
        "Você pode me dizer que horas são?",
        "As crianças brincam no parque depois da escola.",
        "Não sei se eles vêm para a festa.",
        "Precisamos comprar pão, leite e algumas maçãs.",
    ),
    "nl": (
        "Mijn broer woont in een kleine stad aan de rivier.",
        "Gisteren heeft het de hele dag geregend, dus bleven we thuis.",
        "Kun je me zeggen hoe laat het is?",
        "De kinderen spelen na school in het park.",
        "Ik weet niet of zij naar het feest komen.",
        "We moeten brood, melk en een paar appels kopen.",
    ),
    "sv": (
        "Min bror bor i en liten stad vid floden.",
        "Igår regnade det hela dagen, så vi stannade hemma.",
        "Kan du säga mig vad klockan är?",
        "Barnen leker i parken efter skolan.",
        "Jag vet inte om de kommer till festen.",
        "Vi måste köpa bröd, mjölk och några äpplen.",
    ),
    "ru": (
        "Мой брат живёт в маленьком городе у реки.",
        "Вчера весь день шёл дождь, и мы остались дома.",
        "Скажите, пожалуйста, который час?",
        "Дети играют в парке после школы.",
        "Я не знаю, придут ли они на праздник.",
        "Нам нужно купить хлеб, молоко и немного яблок.",
    ),
    "el": (
        "Ο αδελφός μου μένει σε μια μικρή πόλη κοντά στο ποτάμι.",
        "Χθες έβρεχε όλη μέρα και μείναμε στο σπίτι.",
        "Μπορείς να μου πεις τι ώρα είναι;",
        "Τα παιδιά παίζουν στο πάρκο μετά το σχολείο.",
        "Δεν ξέρω αν θα έρθουν στη γιορτή.",
        "Πρέπει να αγοράσουμε ψωμί, γάλα και λίγα μήλα.",
    ),
    "hu": (
        "A bátyám egy kis városban lakik a folyó mellett.",
        "Tegnap egész nap esett az eső, ezért otthon maradtunk.",
        "Meg tudnád mondani, hány óra van?",
        "A gyerekek iskola után a parkban játszanak.",
        "Nem tudom, hogy eljönnek-e az ünnepségre.",
        "Kenyeret, tejet és néhány almát kell vennünk.",
    ),
    "ko": (
        "제 동생은 강가의 작은 도시에 살고 있어요.",
        "어제는 하루 종일 비가 와서 집에 있었어요.",
        "지금 몇 시인지 말해 줄 수 있어요?",
        "아이들은 학교가 끝나면 공원에서 놀아요.",
        "그들이 파티에 올지 모르겠어요.",
        "빵과 우유와 사과를 좀 사야 해요.",
    ),
}
